package org.wasix4j.runtime.internal;

import org.wasix4j.policy.Decision;
import org.wasix4j.runtime.ProcessListener;
import org.wasix4j.system.GuestProcess;
import org.wasix4j.system.GuestProcessBuilder;
import org.wasix4j.system.SystemObserver;
import org.wasix4j.types.SocketAddr;

/** Builds the machine that a plan describes, with its standard streams open. */
final class Machines {

    private Machines() {}

    static GuestProcess build(LaunchPlan plan) {
        GuestProcess process =
                new GuestProcessBuilder()
                        .withArguments(plan.arguments())
                        .withEnvironment(plan.environment())
                        .withMaxDescriptors(plan.limits().maxDescriptors())
                        .withMaxThreads(plan.limits().maxThreads())
                        .withPolicy(plan.policy())
                        .withObserver(observer(plan.listener()))
                        .build();
        process.descriptors().open(null, new StreamDescription(plan.stdin(), null));
        process.descriptors().open(null, new StreamDescription(null, plan.stdout()));
        process.descriptors().open(null, new StreamDescription(null, plan.stderr()));
        return process;
    }

    private static SystemObserver observer(ProcessListener listener) {
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
            public void closed(SocketAddr local) {
                listener.closed(local);
            }

            @Override
            public void denied(Decision decision) {
                listener.denied(decision);
            }

            @Override
            public void hostError(String operation, Throwable error) {
                listener.hostError(operation, error);
            }
        };
    }
}
