/** The value of an `InputRecord` as Avro has it. */
export const VALUE = {
  type: 'record',
  name: 'Purchase',
  fields: [
    { name: 'user', type: 'string' },
    { name: 'amount', type: 'int' },
    { name: 'note', type: 'string' },
  ],
} as const
