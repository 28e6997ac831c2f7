/**
 * Kafka's producer, as {@code MockProducer} plays it: one callback with metadata and an error, both
 * of which may be there, on whatever thread, also within {@code send}.
 */
@NullMarked
package dev.reveille.samples.compat.kafka;

import org.jspecify.annotations.NullMarked;
