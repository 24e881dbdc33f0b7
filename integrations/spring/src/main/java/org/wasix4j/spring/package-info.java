/**
 * Guests as beans of a Spring Boot application, from properties {@code wasix4j.guests.*}.
 *
 * @apiNote API of the artifact {@code wasix-spring-boot-starter}.
 */
package org.wasix4j.spring;
