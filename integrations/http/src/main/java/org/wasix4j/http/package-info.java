/**
 * HTTP servers that run as guests without a port, behind HTTP servers in Java: {@link
 * org.wasix4j.http.GuestHandler} for the JDK's own, {@link org.wasix4j.http.GuestServlet} for
 * Jakarta Servlet containers. {@link org.wasix4j.http.GuestProxy} is what both are made of.
 *
 * @apiNote API of the artifact {@code wasix-http}.
 */
package org.wasix4j.http;
