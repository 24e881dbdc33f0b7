package org.wasix4j.http;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.wasix4j.runtime.InProcessConnection;
import org.wasix4j.runtime.WasixProcess;

/**
 * Puts an HTTP server that runs as a guest behind a Jakarta Servlet container (Servlet 6: Tomcat
 * 10.1, Jetty 12, Spring Boot 3): a {@link GuestProxy} without a port in between. The guest sees
 * the path as the client sent it, the context's and the servlet's part included. A request to
 * switch protocols, as WebSockets begin with, passes through.
 */
public final class GuestServlet extends HttpServlet {

    private static final long serialVersionUID = 1;

    private final transient GuestProxy proxy;

    /** A servlet that asks the guest on a port of its {@code InProcessNetwork}. */
    public GuestServlet(WasixProcess guest, int port) {
        this(new GuestProxy(() -> guest.connect(port)));
    }

    /** A servlet that hands each exchange to a proxy. */
    public GuestServlet(GuestProxy proxy) {
        this.proxy = proxy;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        proxy.serve(new ServletExchange(request, response));
    }

    @Override
    public void destroy() {
        proxy.close();
    }

    private record ServletExchange(HttpServletRequest request, HttpServletResponse response)
            implements ProxyExchange {

        @Override
        public String method() {
            return request.getMethod();
        }

        @Override
        public String target() {
            String query = request.getQueryString();
            return request.getRequestURI() + (query == null ? "" : '?' + query);
        }

        @Override
        public Map<String, List<String>> headers() {
            Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            for (String name : Collections.list(request.getHeaderNames())) {
                headers.put(name, Collections.list(request.getHeaders(name)));
            }
            return headers;
        }

        @Override
        public InputStream body() throws IOException {
            return request.getInputStream();
        }

        @Override
        public void answer(int status, Map<String, List<String>> headers, long length) {
            response.setStatus(status);
            headers.forEach(
                    (name, values) -> values.forEach(value -> response.addHeader(name, value)));
            if (length > 0) {
                response.setContentLengthLong(length);
            }
        }

        @Override
        public OutputStream answerBody() throws IOException {
            return response.getOutputStream();
        }

        @Override
        public boolean canUpgrade() {
            return true;
        }

        @Override
        public void upgrade(
                Map<String, List<String>> headers, InputStream in, InProcessConnection guest)
                throws IOException {
            response.setStatus(HttpServletResponse.SC_SWITCHING_PROTOCOLS);
            headers.forEach(
                    (name, values) -> values.forEach(value -> response.addHeader(name, value)));
            try {
                request.upgrade(UpgradedConnection.class).begin(in, guest);
            } catch (ServletException e) {
                guest.close();
                throw new IOException(e);
            }
        }
    }
}
