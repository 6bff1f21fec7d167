import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { findAddon, placeBuild } from './addon.mjs'
import { BuildCache } from './cache.mjs'
import { buildKey } from './host.mjs'
import { missingRequirements, REQUIREMENTS } from './requirements.mjs'
import { SetupError, setup } from './setup.mjs'

const folders = []
function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-test-'))
  folders.push(folder)
  return folder
}
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

const debian = {
  platform: 'linux',
  arch: 'x64',
  abi: '115',
  libc: 'glibc-2.36',
  isRoot: false,
  isDebian: true,
  cacheFolder: '/cache',
  nodeHeaders: '/usr',
  nodeGyp: '/node-gyp.js',
  env: {},
}

/** A machine on which nothing works yet; `world.loading` holds the build folders that load. */
function world(change = {}) {
  const loading = new Set()
  const did = []
  const cache = {
    key: 'KEY',
    logFile: '/no/such/log',
    buildFolder: 'cached',
    has: () => loading.has('cached'),
    store: folder => {
      did.push(`store ${folder}`)
      loading.add('cached')
    },
    withLock: work => work('work'),
  }
  const actions = {
    findAddon: () => ({ folder: '/addon', version: '1.10.1', buildFolder: 'own' }),
    currentHost: () => debian,
    probe: async folder =>
      loading.has(folder)
        ? { loads: true, features: [] }
        : { loads: false, reason: 'there is no build' },
    placeBuild: (from, to) => {
      did.push(`place ${from}`)
      loading.add(to)
    },
    downloadPrebuilt: async () => {
      did.push('download')
      throw new Error('getaddrinfo ENOTFOUND github.com')
    },
    buildFromSource: async () => {
      did.push('build')
      loading.add('built')
      return 'built'
    },
    missingRequirements: () => [],
    installPackages: async () => {
      did.push('install')
    },
    openCache: () => cache,
    ...change,
  }
  return { loading, did, actions, cache }
}

async function failureOf(promise) {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('it did not fail')
}

describe('the ways, in order', () => {
  test('a client that loads is left alone', async () => {
    const { actions, loading, did } = world()
    loading.add('own')
    expect(await setup({}, actions)).toBe('loaded')
    expect(did).toEqual([])
  })

  test('a cached build is taken before anything is fetched', async () => {
    const { actions, loading, did } = world()
    loading.add('cached')
    expect(await setup({}, actions)).toBe('cached')
    expect(did).toEqual(['place cached'])
  })

  test('the prebuilt binary is kept and placed', async () => {
    const { actions, loading, did } = world({
      downloadPrebuilt: async () => {
        loading.add('prebuilt')
        return 'prebuilt'
      },
    })
    expect(await setup({}, actions)).toBe('downloaded')
    expect(did).toEqual(['store prebuilt', 'place prebuilt'])
  })

  test('a prebuilt binary that does not load is refused, and the source is built', async () => {
    const { actions, did } = world({ downloadPrebuilt: async () => 'prebuilt' })
    expect(await setup({}, actions)).toBe('built')
    expect(did).toEqual(['build', 'store built', 'place built'])
  })

  test('without a download the source is built', async () => {
    const { actions, did } = world()
    expect(await setup({ download: false }, actions)).toBe('built')
    expect(did).toEqual(['build', 'store built', 'place built'])
  })

  test('a build that ended elsewhere while this one waited for the lock is used', async () => {
    const { actions, loading, cache, did } = world()
    cache.withLock = work => {
      loading.add('own')
      return work('work')
    }
    expect(await setup({}, actions)).toBe('loaded')
    expect(did).toEqual([])
  })

  test('--check changes nothing and says what to do', async () => {
    const { actions, did } = world()
    const error = await failureOf(setup({ checkOnly: true }, actions))
    expect(error.message).toMatchInlineSnapshot(`
      "The native part of @confluentinc/kafka-javascript 1.10.1 does not load: there is no build.
      What to do: npx millrace-kafka-setup"
    `)
    expect(did).toEqual([])
  })
})

describe('what is missing for a source build', () => {
  const missing = REQUIREMENTS.filter(item => item.tool !== 'bash')

  test('an ordinary user is told the packages by name, and nothing is built', async () => {
    const { actions, did } = world({ missingRequirements: () => missing })
    const error = await failureOf(setup({}, actions))
    expect(error).toBeInstanceOf(SetupError)
    expect(error.message).toMatchInlineSnapshot(`
      "The native part of @confluentinc/kafka-javascript 1.10.1 could not be made (Node ABI 115, linux x64, glibc-2.36).
      Tried:
        cached build     none for KEY
        prebuilt binary  getaddrinfo ENOTFOUND github.com
        source build     not begun, missing here:
                           programs:  gcc g++ make python3
                           libraries: libcurl4-openssl-dev libssl-dev libsasl2-dev zlib1g-dev libzstd-dev liblz4-dev  (Debian's names)
      What to do:
        as root: apt-get update && apt-get install -y gcc g++ make python3 libcurl4-openssl-dev libssl-dev libsasl2-dev zlib1g-dev libzstd-dev liblz4-dev
        then:    npx millrace-kafka-setup
        or run that once where github.com can be reached: Node LTS versions up to 24 have a
        prebuilt binary there.
      Nothing was built, because a build without these libraries would lack TLS, SASL or zstd."
    `)
    expect(did).toEqual(['download'])
  })

  test('root on Debian installs them', async () => {
    let installed = false
    const { actions, did } = world({
      currentHost: () => ({ ...debian, isRoot: true }),
      missingRequirements: () => (installed ? [] : missing),
      installPackages: async packages => {
        did.push(...packages.map(item => item.debian))
        installed = true
      },
    })
    expect(await setup({ download: false }, actions)).toBe('built')
    expect(did).toEqual([
      ...missing.map(item => item.debian),
      'build',
      'store built',
      'place built',
    ])
  })

  test('root whose apt-get fails is told why, and the packages', async () => {
    const { actions } = world({
      currentHost: () => ({ ...debian, isRoot: true }),
      missingRequirements: () => missing,
      installPackages: async () => {
        throw new Error('apt-get update ended with 100')
      },
    })
    const { message } = await failureOf(setup({}, actions))
    expect(message).toContain('apt-get update ended with 100')
    expect(message).toContain('libsasl2-dev')
  })

  test('elsewhere than on Linux no source build is begun', async () => {
    const { actions, did } = world({ currentHost: () => ({ ...debian, platform: 'darwin' }) })
    const { message } = await failureOf(setup({}, actions))
    expect(message).toContain('supported on Linux only')
    expect(did).toEqual(['download'])
  })

  test('a build without TLS is refused', async () => {
    const { actions, did } = world()
    const { probe } = actions
    actions.probe = async folder =>
      folder === 'built' ? { loads: false, reason: 'it was built without ssl' } : probe(folder)
    const { message } = await failureOf(setup({}, actions))
    expect(message).toContain('it was built without ssl')
    expect(did).toEqual(['download', 'build'])
  })

  test('a folder that may not be written is named', async () => {
    const { actions } = world({
      placeBuild: () => {
        throw Object.assign(new Error("EACCES: permission denied, open '/addon/x'"), {
          code: 'EACCES',
        })
      },
    })
    const error = await failureOf(setup({ download: false }, actions))
    expect(error).toBeInstanceOf(SetupError)
    expect(error.message).toContain("permission denied, open '/addon/x'")
  })

  test('programs are looked for on the PATH', () => {
    const tools = missingRequirements({ PATH: temporaryFolder() }).filter(item => item.tool)
    expect(tools.map(item => item.debian)).toEqual(['gcc', 'g++', 'make', 'python3', 'bash'])
  })
})

describe('the cache', () => {
  function build(content) {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'Release'))
    mkdirSync(join(folder, 'deps'))
    writeFileSync(join(folder, 'Release/confluent-kafka-javascript.node'), content)
    writeFileSync(join(folder, 'deps/librdkafka.so.1'), content)
    writeFileSync(join(folder, 'deps/librdkafka.a'), content)
    return folder
  }

  test('the key tells builds apart that are not interchangeable', () => {
    expect(buildKey(debian, '1.10.1')).toBe('1.10.1_abi115_linux_x64_glibc-2.36')
    expect(buildKey({ ...debian, abi: '127' }, '1.10.1')).not.toBe(buildKey(debian, '1.10.1'))
  })

  test('keeps a whole build, and replaces it', () => {
    const cache = new BuildCache(temporaryFolder(), 'KEY')
    cache.store(build('one'))
    cache.store(build('two'))
    const target = temporaryFolder()
    placeBuild(cache.buildFolder, target)
    expect(existsSync(join(target, 'Release/confluent-kafka-javascript.node'))).toBe(true)
    expect(existsSync(join(target, 'deps/librdkafka.so.1'))).toBe(true)
    expect(existsSync(join(target, 'deps/librdkafka.a'))).toBe(false)
  })

  test('one works at a time', async () => {
    const root = temporaryFolder()
    const { pid } = spawnSync(process.execPath, ['--version'])
    const cache = new BuildCache(root, 'KEY')
    // The lock of a process that is gone is no lock.
    writeFileSync(cache.lockFile, `${pid}\n`)
    const waits = []
    await cache.withLock(
      async () => expect(existsSync(cache.lockFile)).toBe(true),
      pid => waits.push(pid),
    )
    expect(waits).toEqual([])
    expect(existsSync(cache.lockFile)).toBe(false)
    // That of a living one is waited for.
    writeFileSync(cache.lockFile, `${process.ppid}\n`)
    const order = []
    const waiting = cache.withLock(
      async () => order.push('work'),
      pid => {
        order.push(`wait for ${pid === process.ppid ? 'the owner' : pid}`)
        rmSync(cache.lockFile)
      },
    )
    await waiting
    expect(order).toEqual(['wait for the owner', 'work'])
  })
})

const isRootOnDebian = process.getuid?.() === 0 && existsSync('/etc/debian_version')

describe.runIf(isRootOnDebian)('for real, as root on Debian', () => {
  test('an ordinary user with an empty home and no compiler is told the packages', () => {
    const home = temporaryFolder()
    const folder = join(home, 'project')
    const kafka = join(dirname(fileURLToPath(import.meta.url)), '..')
    const addon = findAddon()
    for (const name of ['bin', 'native']) {
      cpSync(join(kafka, name), join(folder, name), { recursive: true })
    }
    // A fresh copy of the client: its manifest is all that is looked at before anything is built.
    const copy = join(folder, 'node_modules/@confluentinc/kafka-javascript')
    mkdirSync(copy, { recursive: true })
    cpSync(join(addon.folder, 'package.json'), join(copy, 'package.json'))
    mkdirSync(join(home, 'path'))
    symlinkSync(process.execPath, join(home, 'path/node'))
    const nobody = 65534
    spawnSync('chown', ['-R', `${nobody}:${nobody}`, home])

    const run = spawnSync(
      process.execPath,
      [join(folder, 'bin/setup.mjs'), '--no-download', '--quiet'],
      {
        cwd: home,
        uid: nobody,
        gid: nobody,
        env: { HOME: home, PATH: join(home, 'path') },
        encoding: 'utf8',
      },
    )
    expect(run.stdout).toBe('')
    expect(run.status).toBe(1)
    for (const name of ['gcc', 'g++', 'make', 'python3', 'apt-get install']) {
      expect(run.stderr).toContain(name)
    }
    expect(existsSync(join(copy, 'build'))).toBe(false)
  })

  test('what is set up here loads', () => {
    const bin = join(dirname(fileURLToPath(import.meta.url)), '../bin/setup.mjs')
    const run = spawnSync(process.execPath, [bin, '--check'], { encoding: 'utf8' })
    expect(run.stderr).toBe('')
    expect(run.stdout).toMatch(/the Kafka client loads \(loaded, [0-9.]+ s\)/)
  })
})
