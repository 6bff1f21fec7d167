/** Why bytes are not what they should be; whoever knows where they came from says so. */
export class Fault extends Error {
  override readonly name = 'Fault'
}
