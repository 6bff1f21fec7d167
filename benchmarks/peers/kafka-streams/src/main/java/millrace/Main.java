package millrace;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;

/**
 * One pipeline of the benchmarks on Kafka Streams: `java -cp … millrace.Main name=value …`, the
 * names as in benchmarks/src/peers/job.ts. Ends by itself when `records` have been processed.
 *
 * Settings are those an expert would take for throughput on one core: one stream thread, large
 * fetches and batches, a cache that holds the open windows, lz4.
 */
public final class Main {
  public static void main(String[] args) throws Exception {
    Map<String, String> job = new HashMap<>();
    for (String arg : args) {
      int at = arg.indexOf('=');
      job.put(arg.substring(0, at), arg.substring(at + 1));
    }
    boolean checks = job.get("mode").equals("check");
    Progress progress =
        new Progress(Long.parseLong(job.get("warmup")), Long.parseLong(job.get("records")));
    Properties settings = settings(job);
    KafkaStreams streams =
        new KafkaStreams(Pipelines.topology(job, progress, settings), settings);
    streams.setUncaughtExceptionHandler(
        error -> {
          error.printStackTrace();
          Runtime.getRuntime().halt(1);
          return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
    if (job.get("mode").equals("restore")) {
      Restoring restoring = new Restoring();
      streams.setGlobalStateRestoreListener(restoring);
      streams.start();
      restoring.awaitEnd();
      // Whoever measures reads /proc when it hears of a mark.
      Thread.sleep(300);
      restoring.report();
      Runtime.getRuntime().halt(0);
    }
    streams.start();
    if (job.get("mode").equals("serve")) {
      System.in.read();
      streams.close(Duration.ofSeconds(10));
      return;
    }
    progress.awaitEnd();
    // Whoever measures reads /proc when it hears of a mark.
    Thread.sleep(300);
    if (checks) {
      // A commit writes what is in caches, which closes windows; the next one what that gave.
      Thread.sleep(3_000);
      streams.close(Duration.ofSeconds(60));
    }
    progress.report();
    Runtime.getRuntime().halt(0);
  }

  private static Properties settings(Map<String, String> job) {
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, job.get("id"));
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, job.get("bootstrap"));
    settings.put(StreamsConfig.STATE_DIR_CONFIG, Path.of(job.get("state")).toString());
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, Integer.parseInt(job.get("commitMs")));
    settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 256L << 20);
    settings.put(StreamsConfig.TOPOLOGY_OPTIMIZATION_CONFIG, StreamsConfig.OPTIMIZE);
    settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
    settings.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.BytesSerde.class);
    settings.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, 20_000);
    consumer(settings, ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    if (job.containsKey("sessionMs")) {
      consumer(
          settings,
          ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG,
          Integer.parseInt(job.get("sessionMs")));
    }
    int lingerMs = Integer.parseInt(job.getOrDefault("lingerMs", "50"));
    if (!job.get("mode").equals("serve")) {
      everyConsumer(settings, ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 10_000);
      everyConsumer(settings, ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 16 << 20);
      everyConsumer(settings, ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 64 << 20);
      everyConsumer(settings, ConsumerConfig.RECEIVE_BUFFER_CONFIG, 4 << 20);
      settings.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 512 << 10);
    }
    settings.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), lingerMs);
    settings.put(
        StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG),
        job.getOrDefault("compression", "lz4"));
    settings.put(StreamsConfig.producerPrefix(ProducerConfig.BUFFER_MEMORY_CONFIG), 128L << 20);
    return settings;
  }

  private static void consumer(Properties settings, String name, Object value) {
    settings.put(StreamsConfig.mainConsumerPrefix(name), value);
  }

  /** Of inputs and of changelogs. */
  private static void everyConsumer(Properties settings, String name, Object value) {
    consumer(settings, name, value);
    settings.put(StreamsConfig.restoreConsumerPrefix(name), value);
  }
}
