package io.foldlog.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.batch.BatchLayer;
import io.foldlog.local.servers.GuardedCommand;
import io.foldlog.local.servers.JavaCommand;
import io.foldlog.local.servers.SparkProcess;
import io.foldlog.speed.SpeedLayerProcess;
import io.foldlog.verifier.Verifier;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * The applications with the contract of a release to come, made from the sources of this one: it
 * reads the member {@code town} of an event's data as the city, writes nationalities in capitals,
 * and its decode version is one higher.
 */
final class NextRelease {

  private static final Path SOURCES = Path.of("ingestion", "contract", "src", "main", "java");
  private static final Pattern VERSION = Pattern.compile("(CURRENT = Integer.valueOf\\()(\\d+)\\)");

  private final Pipeline pipeline;
  private final Path folder;
  private final Path classes;

  private NextRelease(Pipeline pipeline, Path folder, Path classes) {
    this.pipeline = pipeline;
    this.folder = folder;
    this.classes = classes;
  }

  static NextRelease of(Pipeline pipeline) throws IOException {
    Path folder = Files.createDirectory(pipeline.stage().folder().resolve("next-release"));
    Path classes = Files.createDirectory(folder.resolve("classes"));
    Path sources = Files.createDirectory(folder.resolve("sources"));
    List<Path> files = new ArrayList<>();
    try (Stream<Path> present = Files.walk(checkout().resolve(SOURCES))) {
      for (Path file : present.filter(Files::isRegularFile).toList()) {
        Path copy = sources.resolve(file.getFileName());
        files.add(Files.writeString(copy, changed(copy.getFileName().toString(), file)));
      }
    }
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
      List<String> options =
          List.of(
              "-d",
              classes.toString(),
              "-cp",
              System.getProperty("java.class.path"),
              "-proc:none",
              "-parameters",
              "--release",
              "17");
      boolean compiled =
          compiler
              .getTask(
                  null, manager, null, options, null, manager.getJavaFileObjectsFromPaths(files))
              .call();
      assertThat(compiled).isTrue();
    }
    return new NextRelease(pipeline, folder, classes);
  }

  private static String changed(String name, Path file) throws IOException {
    String source = Files.readString(file);
    return switch (name) {
      case "DecodeVersion.java" -> {
        Matcher version = VERSION.matcher(source);
        assertThat(version.find()).isTrue();
        yield version.replaceFirst("$1" + (Integer.parseInt(version.group(2)) + 1) + ")");
      }
      case "FieldReader.java" -> {
        String town =
            replaced(
                source, "  static {\n", "  static {\n    BY_NAME.put(\"town\", UserField.CITY);\n");
        yield replaced(
            town,
            "              CellBytes.ofText(\n                  parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());",
            "CellBytes.ofText(field == UserField.NATIONALITY ? parser.getText().toUpperCase(java.util.Locale.ROOT) : parser.getText());");
      }
      default -> source;
    };
  }

  private static String replaced(String source, String old, String replacement) {
    assertThat(source).contains(old);
    return source.replace(old, replacement);
  }

  private static Path checkout() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(folder.resolve(SOURCES))) {
      folder = folder.getParent();
    }
    return folder;
  }

  SpeedLayerProcess startSpeedLayer() {
    return SpeedLayerProcess.start(pipeline.settings(), process -> process.patchedBy(classes));
  }

  /** Runs a step of the batch layer; the status that it ends with. */
  int batch(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(arguments));
    command.addAll(List.of("--settings", pipeline.settings().toString()));
    Path log = Files.createTempFile(folder, "batch", ".log");
    Process process =
        SparkProcess.of(BatchLayer.class, "batch-layer").patchedBy(classes).start(log, command);
    return ended(process, log);
  }

  /** The status that its verifier ends with. */
  int verify() throws Exception {
    Path log = Files.createTempFile(folder, "verifier", ".log");
    List<String> command =
        List.of(
            JavaCommand.launcher(),
            "-cp",
            classes + File.pathSeparator + System.getProperty("java.class.path"),
            Verifier.class.getName(),
            "--settings",
            pipeline.settings().toString());
    ProcessBuilder builder = GuardedCommand.of(command);
    return ended(
        GuardedCommand.start(builder.redirectErrorStream(true).redirectOutput(log.toFile())), log);
  }

  private static int ended(Process process, Path log) throws Exception {
    int status = process.waitFor();
    if (status != 0) {
      System.out.println(Files.readString(log));
    }
    return status;
  }
}
