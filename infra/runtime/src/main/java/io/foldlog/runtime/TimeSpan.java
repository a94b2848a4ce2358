package io.foldlog.runtime;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigValueFactory;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Converts an argument: a number of seconds, or a time span as in the settings file. */
public final class TimeSpan implements ITypeConverter<Duration> {

  @Override
  public Duration convert(String text) {
    String unit = text.strip().matches("[0-9.]+") ? "s" : "";
    try {
      Config config = ConfigValueFactory.fromAnyRef(text.strip() + unit).atKey("span");
      Duration span = config.getDuration("span");
      if (!span.isNegative()) {
        return span;
      }
    } catch (ConfigException malformed) {
      throw new TypeConversionException(message(text));
    }
    throw new TypeConversionException(message(text));
  }

  private static String message(String text) {
    return "'%s' is not a time span such as 5, 500ms or 2m".formatted(text);
  }
}
