package millrace;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KGroupedStream;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Suppressed;
import org.apache.kafka.streams.kstream.TimeWindowedKStream;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.state.WindowStore;

/** The pipelines by name; benchmarks/src/peers/program.ts has the same ones on Millrace. */
final class Pipelines {
  private static final Duration SIZE = Duration.ofSeconds(10);
  private static final Produced<Bytes, byte[]> ROWS =
      Produced.with(Serdes.Bytes(), Serdes.ByteArray());

  private Pipelines() {}

  static Topology topology(Map<String, String> job, Progress progress, Properties settings) {
    StreamsBuilder builder = new StreamsBuilder();
    String input = job.get("input");
    String output = job.get("output");
    switch (job.get("pipeline")) {
      case "read" ->
          source(builder, input, Event.Fields.AMOUNT, progress)
              .filter((key, event) -> event.amount < 0)
              .mapValues(event -> new byte[0])
              .to(output, ROWS);
      case "half" ->
          source(builder, input, Event.Fields.AMOUNT_AND_USER, progress)
              .filter((key, event) -> event.amount >= 55)
              .mapValues(Pipelines::doubled)
              .to(output, ROWS);
      case "map" ->
          source(builder, input, Event.Fields.ALL, progress)
              .mapValues(Pipelines::measure)
              .filter((key, size) -> size < 0)
              .mapValues(size -> new byte[0])
              .to(output, ROWS);
      case "tumbling" ->
          write(
              byKey(builder, input, progress).windowedBy(TimeWindows.ofSizeWithNoGrace(SIZE)),
              "user_id", output);
      case "where-tumbling" ->
          write(
              amountsByKey(amounts(builder, job, progress).filter((key, event) -> event.amount >= 55))
                  .windowedBy(TimeWindows.ofSizeWithNoGrace(SIZE)),
              "user_id", output);
      case "hopping" ->
          write(
              byKey(builder, input, progress)
                  .windowedBy(TimeWindows.ofSizeWithNoGrace(SIZE).advanceBy(Duration.ofSeconds(1))),
              "user_id", output);
      case "repartition" ->
          write(
              byPage(builder, input, progress).windowedBy(TimeWindows.ofSizeWithNoGrace(SIZE)),
              "page", output);
      case "open-windows" ->
          openWindows(builder, input, progress, Integer.parseInt(job.get("valueBytes")));
      default -> throw new IllegalArgumentException("no pipeline " + job.get("pipeline"));
    }
    return builder.build(settings);
  }

  private static KStream<Bytes, Event> source(
      StreamsBuilder builder, String input, Event.Fields fields, Progress progress) {
    return source(builder, input, Event.reader(fields, progress));
  }

  private static KStream<Bytes, Event> source(
      StreamsBuilder builder, String input, Deserializer<Event> reader) {
    Serde<Event> events =
        Serdes.serdeFrom(
            (topic, event) -> {
              throw new UnsupportedOperationException("events are only read");
            },
            reader);
    return builder.stream(input, Consumed.with(Serdes.Bytes(), events));
  }

  /** Of JSON, or of Avro where a registry is named. */
  private static KStream<Bytes, Event> amounts(
      StreamsBuilder builder, Map<String, String> job, Progress progress) {
    return job.containsKey("registry")
        ? source(builder, job.get("input"), AvroEvent.reader(progress))
        : source(builder, job.get("input"), Event.Fields.AMOUNT, progress);
  }

  private static KGroupedStream<Bytes, Double> byKey(
      StreamsBuilder builder, String input, Progress progress) {
    return amountsByKey(source(builder, input, Event.Fields.AMOUNT, progress));
  }

  private static KGroupedStream<Bytes, Double> amountsByKey(KStream<Bytes, Event> events) {
    return events
        .mapValues(event -> event.amount)
        .groupByKey(Grouped.with(Serdes.Bytes(), Serdes.Double()));
  }

  /** Through a repartition topic; a record counts when it comes out of that. */
  private static KGroupedStream<Bytes, Double> byPage(
      StreamsBuilder builder, String input, Progress progress) {
    Progress unseen = new Progress(-1, -1);
    Serde<Double> amounts =
        Serdes.serdeFrom(
            (topic, amount) -> ByteBuffer.allocate(8).putDouble(amount).array(),
            (topic, bytes) -> {
              progress.add();
              return ByteBuffer.wrap(bytes).getDouble();
            });
    return source(builder, input, Event.Fields.AMOUNT_AND_PAGE, unseen)
        .map(
            (key, event) ->
                KeyValue.pair(
                    Bytes.wrap(event.page.getBytes(StandardCharsets.UTF_8)), event.amount))
        .groupByKey(Grouped.with("by-page", Serdes.Bytes(), amounts));
  }

  private static void write(
      TimeWindowedKStream<Bytes, Double> windows, String column, String output) {
    Materialized<Bytes, Totals, WindowStore<Bytes, byte[]>> store =
        Materialized.<Bytes, Totals, WindowStore<Bytes, byte[]>>as("totals")
            .withKeySerde(Serdes.Bytes())
            .withValueSerde(Totals.SERDE)
            .withCachingEnabled();
    // A store with a cache and results held back, at the commit interval of 30 s, which is the
    // default; EmitStrategy.onWindowClose() takes the cache away.
    windows
        .aggregate(() -> Totals.NONE, (key, amount, totals) -> totals.add(amount), store)
        .suppress(Suppressed.untilWindowCloses(Suppressed.BufferConfig.unbounded()))
        .toStream()
        .map(
            (window, totals) ->
                KeyValue.pair(window.key(), totals.row(column, window)))
        .to(output, ROWS);
  }

  /**
   * Windows of an hour that stay open, and are written nowhere: state and its changelog alone. Times
   * of the input are of long ago, which retention must not mind.
   */
  private static void openWindows(
      StreamsBuilder builder, String input, Progress progress, int valueBytes) {
    Duration hour = Duration.ofHours(1);
    Materialized<Bytes, Totals, WindowStore<Bytes, byte[]>> store =
        Materialized.<Bytes, Totals, WindowStore<Bytes, byte[]>>as("totals")
            .withKeySerde(Serdes.Bytes())
            .withValueSerde(Totals.ofSize(valueBytes))
            .withCachingEnabled()
            .withLoggingEnabled(Map.of(TopicConfig.RETENTION_MS_CONFIG, "-1"));
    byKey(builder, input, progress)
        .windowedBy(TimeWindows.ofSizeAndGrace(hour, hour))
        .aggregate(() -> Totals.NONE, (key, amount, totals) -> totals.add(amount), store);
  }

  private static byte[] doubled(Event event) {
    String row =
        new StringBuilder(80)
            .append("{\"user_id\":\"").append(event.userId)
            .append("\",\"doubled\":").append(event.amount * 2)
            .append('}')
            .toString();
    return row.getBytes(StandardCharsets.UTF_8);
  }

  /** A number that needs every field. */
  private static double measure(Event event) {
    return event.amount
        + event.ts
        + event.userId.length()
        + event.event.length()
        + event.page.length()
        + event.session.length();
  }
}
