// TypeScript: Property 'total' does not exist on type '{ user_id: string; }'
// JavaScript: no error: rows are plain objects once they are collected
import { shop } from './shop.ts'

const { purchases } = shop()
export const total = async () => {
  const rows = await purchases.select('user_id').collect()
  return rows[0]?.total // wrong
}
