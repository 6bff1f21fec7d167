import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Fills an input topic of the benchmarks: `java -cp JARS Produce.java BOOTSTRAP TOPIC KEYS FROM TO
 * PARTITIONS`, with the same records as Avro when the id of their schema follows.
 *
 * Record number i is always the same: 134 bytes of JSON, one of KEYS users, an amount of 10.00 to
 * 99.99, one of 10,000 pages, ten records per millisecond of event time. So a topic can be made
 * longer, and made again. lz4. Of several partitions each user has the one of its key.
 */
public final class Produce {
  private static final long BASE_MS = 1_750_000_000_000L;
  private static final int RECORDS_PER_MS = 10;
  private static final int SIZE = 134;
  private static final String[] EVENTS = {"click", "visit", "order"};

  public static void main(String[] args) throws Exception {
    long keys = Long.parseLong(args[2]);
    long from = Long.parseLong(args[3]);
    long to = Long.parseLong(args[4]);
    Integer partition = Integer.parseInt(args[5]) == 1 ? 0 : null;
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers", args[0],
            // The order of the records is that of their numbers, with several requests under way.
            "enable.idempotence", true,
            "linger.ms", 100,
            "batch.size", 512 << 10,
            "buffer.memory", 64L << 20,
            "max.request.size", 2 << 20,
            "compression.type", "lz4");
    AtomicReference<Exception> failure = new AtomicReference<>();
    try (var producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (long i = from; i < to && failure.get() == null; i++) {
        long timestamp = BASE_MS + i / RECORDS_PER_MS;
        byte[] value = value(i, keys, timestamp);
        byte[] key = Arrays.copyOfRange(value, USER_AT, USER_AT + USER_LENGTH);
        if (args.length > 6) value = avro(value, i, timestamp, Integer.parseInt(args[6]));
        producer.send(
            new ProducerRecord<>(args[1], partition, timestamp, key, value),
            (metadata, error) -> {
              if (error != null) failure.set(error);
            });
      }
      producer.flush();
    }
    if (failure.get() != null) throw failure.get();
  }

  private static final byte[] TEMPLATE = template();
  private static final int USER_AT = find("user_0");
  private static final int USER_LENGTH = "user_0000000".length();
  private static final int EVENT_AT = find("click");
  private static final int AMOUNT_AT = find("10.00");
  private static final int TS_AT = find("1750000000000");
  private static final int PAGE_AT = find("/products/");
  private static final int PAGE_LENGTH = "/products/0000".length();
  private static final int SESSION_AT = find("session\": \"") + "session\": \"".length();
  private static final int SESSION_LENGTH = SIZE - 2 - SESSION_AT;

  private static byte[] template() {
    String head =
        "{\"user_id\": \"user_0000000\", \"event\": \"click\", \"amount\": 10.00, "
            + "\"ts\": 1750000000000, \"page\": \"/products/0000\", \"session\": \"";
    return (head + "0".repeat(SIZE - 2 - head.length()) + "\"}").getBytes(StandardCharsets.US_ASCII);
  }

  private static int find(String text) {
    return new String(TEMPLATE, StandardCharsets.US_ASCII).indexOf(text);
  }

  private static byte[] value(long i, long keys, long timestamp) {
    byte[] value = TEMPLATE.clone();
    long random = mixed(i);
    digits(value, USER_AT + 5, 7, (random >>> 40) % keys);
    byte[] event = EVENTS[(int) ((random >>> 8) & 0xffff) % 3].getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(event, 0, value, EVENT_AT, event.length);
    long cents = cents(random);
    digits(value, AMOUNT_AT, 2, cents / 100);
    digits(value, AMOUNT_AT + 3, 2, cents % 100);
    digits(value, TS_AT, 13, timestamp);
    long second = mixed(random);
    digits(value, PAGE_AT + 10, 4, (second >>> 40) % 10_000);
    for (int at = 0; at < SESSION_LENGTH; at++) {
      value[SESSION_AT + at] = (byte) "0123456789abcdef".charAt((int) (second >>> (at * 4)) & 15);
    }
    return value;
  }

  private static long cents(long random) {
    return 1_000 + (random & 0xffff_ffffL) % 9_000;
  }

  /** The fields of a JSON value, its texts as they are there. */
  private static byte[] avro(byte[] json, long i, long timestamp, int schemaId) {
    ByteBuffer avro = ByteBuffer.allocate(SIZE).order(ByteOrder.BIG_ENDIAN);
    avro.put((byte) 0).putInt(schemaId).order(ByteOrder.LITTLE_ENDIAN);
    text(avro, json, USER_AT, USER_LENGTH);
    text(avro, json, EVENT_AT, EVENTS[0].length());
    avro.putDouble(cents(mixed(i)) / 100.0);
    number(avro, timestamp);
    text(avro, json, PAGE_AT, PAGE_LENGTH);
    text(avro, json, SESSION_AT, SESSION_LENGTH);
    return Arrays.copyOf(avro.array(), avro.position());
  }

  private static void text(ByteBuffer avro, byte[] json, int at, int size) {
    number(avro, size);
    avro.put(json, at, size);
  }

  /** Zig-zag, seven bits a byte. */
  private static void number(ByteBuffer avro, long number) {
    long rest = (number << 1) ^ (number >> 63);
    for (; (rest & ~0x7fL) != 0; rest >>>= 7) avro.put((byte) (rest & 0x7f | 0x80));
    avro.put((byte) rest);
  }

  /** splitmix64 */
  private static long mixed(long number) {
    long z = number + 0x9E3779B97F4A7C15L * (number + 1);
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  private static void digits(byte[] into, int at, int width, long number) {
    for (int i = at + width - 1; i >= at; i--, number /= 10) into[i] = (byte) ('0' + number % 10);
  }
}
