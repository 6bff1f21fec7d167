const { createRequire } = require('node:module')

require('@millrace/kafka')

// The client belongs to @millrace/kafka; a user need not have it among the own dependencies.
const ofKafka = createRequire(require.resolve('@millrace/kafka'))
const { Producer } = ofKafka('@confluentinc/kafka-javascript')
if (typeof Producer === 'function') console.log('the Kafka client loads')
