package org.wasix4j.runtime.internal;

import java.io.InputStream;
import java.io.OutputStream;
import org.wasix4j.policy.Decision;
import org.wasix4j.runtime.ProcessListener;
import org.wasix4j.runtime.Volume;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.GuestProcessBuilder;
import org.wasix4j.system.SystemObserver;
import org.wasix4j.system.fd.FdTable;
import org.wasix4j.system.fd.OpenDescription;
import org.wasix4j.system.fs.Mounts;
import org.wasix4j.system.stdio.StandardStreams;
import org.wasix4j.trace.SyscallListener;
import org.wasix4j.types.AbiProfile;
import org.wasix4j.types.SocketAddr;

/** Builds the machine that a plan describes, with its standard streams and directories open. */
final class Machines {

    private Machines() {}

    /**
     * The machine of a plan.
     *
     * @param profile the generation of the guest
     * @throws IllegalArgumentException when a directory of the plan cannot be opened
     */
    static GuestProcess build(LaunchPlan plan, AbiProfile profile) {
        Mounts.Builder mounts = Mounts.builder();
        for (Volume volume : plan.volumes()) {
            mounts.withVolume(volume.host(), volume.guest(), volume.readOnly());
        }
        if (plan.workingDirectory() != null) {
            mounts.withWorkingDirectory(plan.workingDirectory());
        }
        GuestProcess process =
                new GuestProcessBuilder()
                        .withArguments(plan.arguments())
                        .withEnvironment(plan.environment())
                        .withMaxDescriptors(plan.limits().maxDescriptors())
                        .withMaxThreads(plan.limits().maxThreads())
                        .withMounts(mounts.build())
                        .withPolicy(plan.policy())
                        .withObserver(observer(plan.listener(), plan.tracer()))
                        .build();
        FdTable descriptors = process.descriptors();
        descriptors.open(null, input(plan.stdin()));
        descriptors.open(null, output(plan.stdout()));
        descriptors.open(null, output(plan.stderr()));
        if (profile.rootPreopen()) {
            process.mounts().preopenRoot(descriptors);
        } else {
            process.mounts().preopen(descriptors);
        }
        return process;
    }

    private static OpenDescription input(InputStream stream) {
        if (stream == null) {
            return StandardStreams.nullInput();
        }
        return stream == InheritedStreams.INPUT
                ? StandardStreams.hostInput()
                : StandardStreams.input(stream);
    }

    private static OpenDescription output(OutputStream stream) {
        if (stream == null) {
            return StandardStreams.nullOutput();
        }
        if (stream == InheritedStreams.OUTPUT) {
            return StandardStreams.hostOutput();
        }
        return stream == InheritedStreams.ERROR
                ? StandardStreams.hostError()
                : StandardStreams.output(stream);
    }

    private static SystemObserver observer(ProcessListener listener, SyscallListener tracer) {
        return new SystemObserver() {
            @Override
            public void listening(SocketAddr local) {
                listener.listening(local);
            }

            @Override
            public void accepted(SocketAddr local, SocketAddr peer) {
                listener.accepted(local, peer);
            }

            @Override
            public void connected(SocketAddr local, SocketAddr peer) {
                listener.connected(local, peer);
            }

            @Override
            public void stoppedListening(SocketAddr local) {
                listener.stoppedListening(local);
            }

            @Override
            public void closed(SocketAddr local) {
                listener.closed(local);
            }

            @Override
            public void denied(Decision decision) {
                listener.denied(decision);
                if (tracer != null) {
                    tracer.note(decision.toString());
                }
            }

            @Override
            public void hostError(String operation, Throwable error) {
                listener.hostError(operation, error);
                if (tracer != null) {
                    tracer.note(operation + ": " + error);
                }
            }
        };
    }
}
