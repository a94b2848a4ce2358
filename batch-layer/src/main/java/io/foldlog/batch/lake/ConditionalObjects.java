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
 * Objects of an S3-compatible store that are created by one of those who try: by conditional
 * requests (If-None-Match), which the store has to know. Hadoop 3.3 has no way to say so, hence its
 * client is asked itself.
 */
final class ConditionalObjects {

  private static final int CONFLICT = 409;
  private static final int PRECONDITION_FAILED = 412;
  private static final int TRIES_IN_CONFLICT = 5;

  private final S3AFileSystem store;
  private final AmazonS3 client;

  private ConditionalObjects(S3AFileSystem store) {
    this.store = store;
    this.client = store.getAmazonS3ClientForTesting("conditional requests");
  }

  /**
   * Those of the store that has the path.
   *
   * @throws PipelineException usage error, when it is none of S3's kind
   */
  static ConditionalObjects at(Path path, Configuration hadoop) throws IOException {
    FileSystem system = path.getFileSystem(hadoop);
    if (system instanceof S3AFileSystem store) {
      return new ConditionalObjects(store);
    }
    throw BatchLayerErrors.storeHasNoConditionalWrites(path.toString());
  }

  /** Creates an object; false when there is one. */
  boolean create(Path path, byte[] content) throws IOException {
    for (int tried = 1; ; tried++) {
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
          // the client repeats a request whose answer was lost: then the condition fails by itself
          return read(path).filter(there -> Arrays.equals(there, content)).isPresent();
        }
        // two requests met, and neither had been carried out
        if (failure.getStatusCode() != CONFLICT || tried == TRIES_IN_CONFLICT) {
          throw S3AUtils.translateException("writing", path, failure);
        }
      } catch (AmazonClientException failure) {
        throw S3AUtils.translateException("writing", path, failure);
      }
    }
  }

  /** Writes an object, over what is there. */
  void write(Path path, byte[] content) throws IOException {
    try (OutputStream object = store.create(path, true)) {
      object.write(content);
    }
  }

  /** The object's content; empty when there is none. */
  Optional<byte[]> read(Path path) throws IOException {
    try (InputStream object = store.open(path)) {
      return Optional.of(object.readAllBytes());
    } catch (FileNotFoundException none) {
      return Optional.empty();
    }
  }

  /** What is in a folder, by name; nothing when there is no such folder. */
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

  /** The time by the store's clock: that of an object that is written for it, and removed. */
  Instant now(Path probe) throws IOException {
    store.create(probe, true).close();
    Instant now = Instant.ofEpochMilli(store.getFileStatus(probe).getModificationTime());
    delete(probe);
    return now;
  }
}
