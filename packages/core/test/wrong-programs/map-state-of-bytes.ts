// TypeScript: Argument of type 'DataType<Uint8Array<…is not assignable to parameter of type
// JavaScript: INVALID_ARGUMENT: mapState needs a type for its keys that is not null, bytes or json
import { mapState, t } from '@millrace/core'

mapState(t.bytes(), t.int32()) // wrong
