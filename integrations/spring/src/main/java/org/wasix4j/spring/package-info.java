/** Guests as beans of a Spring Boot application, from properties {@code wasix4j.guests.*}. */
package org.wasix4j.spring;
