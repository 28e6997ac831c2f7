package dev.reveille.samples.compat.grpc;

import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/** A service that speaks in numbers: one method of each kind, and no generated code. */
final class Numbers {
  static final String NAME = "Numbers";

  /** Twice the number. */
  static final MethodDescriptor<Integer, Integer> TWICE = method(MethodType.UNARY, "twice");

  /** All numbers below it. */
  static final MethodDescriptor<Integer, Integer> BELOW =
      method(MethodType.SERVER_STREAMING, "below");

  /** How many there were. */
  static final MethodDescriptor<Integer, Integer> COUNT =
      method(MethodType.CLIENT_STREAMING, "count");

  /** Twice each number. */
  static final MethodDescriptor<Integer, Integer> TWICE_EACH =
      method(MethodType.BIDI_STREAMING, "twice each");

  private Numbers() {}

  private static MethodDescriptor<Integer, Integer> method(MethodType type, String name) {
    return MethodDescriptor.<Integer, Integer>newBuilder()
        .setType(type)
        .setFullMethodName(MethodDescriptor.generateFullMethodName(NAME, name))
        .setRequestMarshaller(new IntegerMarshaller())
        .setResponseMarshaller(new IntegerMarshaller())
        .build();
  }

  private static final class IntegerMarshaller implements MethodDescriptor.Marshaller<Integer> {
    @Override
    public InputStream stream(Integer value) {
      return new ByteArrayInputStream(ByteBuffer.allocate(Integer.BYTES).putInt(value).array());
    }

    @Override
    public Integer parse(InputStream stream) {
      try {
        return ByteBuffer.wrap(stream.readAllBytes()).getInt();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
