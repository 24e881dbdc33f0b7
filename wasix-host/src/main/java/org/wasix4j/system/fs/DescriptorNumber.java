package org.wasix4j.system.fs;

import java.io.FileDescriptor;
import java.nio.channels.FileChannel;
import org.wasix4j.types.Nullable;

/** The number of a channel's descriptor, which Java does not reveal. */
final class DescriptorNumber {

    private static final @Nullable DescriptorNumber FIELDS = JdkFields.use(DescriptorNumber::new);

    private final JdkFields fields;
    private final Class<?> type;
    private final long descriptor;
    private final long number;

    private DescriptorNumber(JdkFields fields) throws ReflectiveOperationException {
        this.fields = fields;
        type = Class.forName("sun.nio.ch.FileChannelImpl");
        descriptor = fields.offset(type, "fd", FileDescriptor.class);
        number = fields.offset(FileDescriptor.class, "fd", int.class);
    }

    /** The number of an open channel's descriptor; -1 when it is not known. */
    static int of(FileChannel channel) {
        DescriptorNumber known = FIELDS;
        if (known == null || !known.type.isInstance(channel)) {
            return -1;
        }
        Object open = known.fields.objectAt(channel, known.descriptor);
        return open == null ? -1 : known.fields.intAt(open, known.number);
    }
}
