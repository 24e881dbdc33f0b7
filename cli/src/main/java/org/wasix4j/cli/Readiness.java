package org.wasix4j.cli;

import java.io.IOException;
import java.util.List;
import org.wasix4j.runtime.ProcessListener;
import org.wasix4j.types.SocketAddr;

/**
 * Whether clients may come: the guest listens, and was not asked to end. A service manager that
 * asked (NOTIFY_SOCKET, as systemd's Type=notify does) is notified once; Java has no datagram
 * sockets of that kind, so systemd's own program does it.
 */
final class Readiness implements ProcessListener {

    private static final String NOTIFY = "NOTIFY_SOCKET";

    private final Messages messages;
    private final boolean notifies;
    private int listeners;
    private boolean ending;
    private boolean announced;

    Readiness(Messages messages) {
        this.messages = messages;
        this.notifies = System.getenv(NOTIFY) != null;
    }

    @Override
    public void listening(SocketAddr local) {
        boolean first;
        synchronized (this) {
            listeners++;
            first = !announced;
            announced = true;
        }
        if (first && notifies) {
            tell("--ready");
        }
    }

    @Override
    public synchronized void stoppedListening(SocketAddr local) {
        listeners--;
    }

    /** No more clients are wanted, though the guest still listens. */
    void ending() {
        synchronized (this) {
            ending = true;
        }
        if (notifies) {
            tell("--stopping");
        }
    }

    synchronized boolean isReady() {
        return listeners > 0 && !ending;
    }

    private void tell(String what) {
        try {
            String pid = Long.toString(ProcessHandle.current().pid());
            new ProcessBuilder(List.of("systemd-notify", "--pid=" + pid, what))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            messages.notice(
                    "the service manager cannot be notified " + what + ": " + e.getMessage());
        }
    }
}
