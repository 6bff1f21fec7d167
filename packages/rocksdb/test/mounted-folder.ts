import { execFileSync } from 'node:child_process'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { temporaryFolder } from './temporary-folder.ts'

/** A small file system of its own, which a test can fill or make read-only. */
export interface MountedFolder {
  readonly folder: string
  /** Takes all the room there is; the function given makes room again. */
  fill(): () => void
  makeReadOnly(): void
}

/** True where file systems can be mounted: for root on Linux, where nothing forbids it. */
export const CAN_MOUNT: boolean = canMount()

/** Gone after the test. */
export function mountedFolder(bytes: number): MountedFolder {
  const folder = temporaryFolder()
  mount('-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder)
  onTestFinished(() => void execFileSync('umount', ['-l', folder]))
  return {
    folder,
    fill: () => {
      const filler = join(folder, 'filler')
      const file = openSync(filler, 'w')
      const piece = Buffer.alloc(64 * 1024, 1)
      try {
        for (;;) writeSync(file, piece)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      } finally {
        closeSync(file)
      }
      return () => rmSync(filler)
    },
    makeReadOnly: () => mount('-o', 'remount,ro', folder),
  }
}

function mount(...args: string[]): void {
  execFileSync('mount', args, { stdio: 'pipe' })
}

function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  try {
    // In a namespace that ends with the command.
    execFileSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'pipe' })
    return true
  } catch {
    return false
  }
}
