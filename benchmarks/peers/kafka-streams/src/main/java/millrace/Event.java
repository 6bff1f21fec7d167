package millrace;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.kafka.common.serialization.Deserializer;

/** A record of the input, with the fields that were asked for. */
final class Event {
  private static final JsonFactory JSON =
      new JsonFactoryBuilder()
          .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .build();

  double amount;
  String userId;
  String event;
  long ts;
  String page;
  String session;

  /** What a pipeline reads of the value. */
  enum Fields {
    AMOUNT,
    AMOUNT_AND_USER,
    AMOUNT_AND_PAGE,
    ALL
  }

  /** Streaming parse of the whole record, so that a broken one is noticed wherever it breaks. */
  static Deserializer<Event> reader(Fields fields, Progress progress) {
    return (topic, bytes) -> {
      progress.add();
      return read(fields, bytes);
    };
  }

  static Event read(Fields fields, byte[] bytes) {
    Event event = new Event();
    boolean all = fields == Fields.ALL;
    try (JsonParser parser = JSON.createParser(bytes, 0, bytes.length)) {
      parser.nextToken();
      for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
        parser.nextToken();
        switch (name) {
          case "amount" -> event.amount = parser.getDoubleValue();
          case "user_id" -> {
            if (all || fields == Fields.AMOUNT_AND_USER) event.userId = parser.getText();
          }
          case "page" -> {
            if (all || fields == Fields.AMOUNT_AND_PAGE) event.page = parser.getText();
          }
          case "event" -> {
            if (all) event.event = parser.getText();
          }
          case "ts" -> {
            if (all) event.ts = parser.getLongValue();
          }
          case "session" -> {
            if (all) event.session = parser.getText();
          }
          default -> parser.skipChildren();
        }
      }
      if (parser.currentToken() != JsonToken.END_OBJECT) throw new IOException("not an object");
      return event;
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }
}
