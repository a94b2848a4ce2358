package io.foldlog.batch.lake;

import com.amazonaws.AmazonClientException;
import com.amazonaws.services.s3.AmazonS3;
import com.amazonaws.services.s3.model.AmazonS3Exception;
import com.amazonaws.services.s3.model.PutObjectRequest;
import io.foldlog.batch.errors.BatchLayerErrors;
import io.foldlog.contract.PipelineException;
import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.s3a.S3AFileSystem;
import org.apache.hadoop.fs.s3a.S3AUtils;

/**
 * Conditional creation of objects in an S3-compatible store: only one of several concurrent writers
 * succeeds. It uses conditional requests (If-None-Match), which the store must support. Hadoop 3.3
 * has no API for them, so this class uses Hadoop's S3 client directly.
 */
final class ConditionalObjects {

  private static final int CONFLICT = 409;
  private static final int PRECONDITION_FAILED = 412;
  private static final int MAX_ATTEMPTS = 5;

  private final S3AFileSystem store;
  private final AmazonS3 client;

  private ConditionalObjects(S3AFileSystem store) {
    this.store = store;
    this.client = store.getAmazonS3ClientForTesting("conditional requests");
  }

  /**
   * Returns the objects of the store of a path.
   *
   * @throws PipelineException usage error when the store is not S3-compatible
   */
  static ConditionalObjects at(Path path, Configuration hadoop) throws IOException {
    FileSystem system = path.getFileSystem(hadoop);
    if (system instanceof S3AFileSystem store) {
      return new ConditionalObjects(store);
    }
    throw BatchLayerErrors.storeHasNoConditionalWrites(path.toString());
  }

  /** Creates an object. Returns false if it exists. */
  boolean create(Path path, byte[] content) throws IOException {
    for (int attempt = 1; ; attempt++) {
      PutObjectRequest request =
          store
              .getRequestFactory()
              .newPutObjectRequest(
                  store.pathToKey(path),
                  store.getRequestFactory().newObjectMetadata(content.length),
                  new ByteArrayInputStream(content));
      request.putCustomRequestHeader("If-None-Match", "*");
      try {
        client.putObject(request);
        return true;
      } catch (AmazonS3Exception failure) {
        if (failure.getStatusCode() == PRECONDITION_FAILED) {
          // the client repeats a request without a response, and then finds its own object
          return read(path).filter(existing -> Arrays.equals(existing, content)).isPresent();
        }
        // two requests were concurrent, and the store executed neither
        if (failure.getStatusCode() != CONFLICT || attempt == MAX_ATTEMPTS) {
          throw S3AUtils.translateException("writing", path, failure);
        }
      } catch (AmazonClientException failure) {
        throw S3AUtils.translateException("writing", path, failure);
      }
    }
  }

  /** Writes an object. Overwrites an existing one. */
  void write(Path path, byte[] content) throws IOException {
    try (OutputStream object = store.create(path, true)) {
      object.write(content);
    }
  }

  /** Returns the content of the object. Empty if it does not exist. */
  Optional<byte[]> read(Path path) throws IOException {
    try (InputStream object = store.open(path)) {
      return Optional.of(object.readAllBytes());
    } catch (FileNotFoundException none) {
      return Optional.empty();
    }
  }

  /** Lists a folder, sorted by name. Empty if the folder does not exist. */
  List<FileStatus> list(Path folder) throws IOException {
    try {
      return Stream.of(store.listStatus(folder))
          .sorted(Comparator.comparing(object -> object.getPath().getName()))
          .toList();
    } catch (FileNotFoundException none) {
      return List.of();
    }
  }

  void delete(Path path) throws IOException {
    store.delete(path, false);
  }

  /** Returns the time of the store's clock. Writes a probe object for this and deletes it. */
  Instant now(Path probe) throws IOException {
    store.create(probe, true).close();
    Instant now = Instant.ofEpochMilli(store.getFileStatus(probe).getModificationTime());
    delete(probe);
    return now;
  }
}
