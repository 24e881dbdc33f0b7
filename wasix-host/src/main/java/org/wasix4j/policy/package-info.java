/**
 * What a guest may use: {@link org.wasix4j.policy.NetworkPolicy} and the rules it is parsed from,
 * {@link org.wasix4j.policy.Limits}, and {@link org.wasix4j.policy.Decision}, which says why
 * something was refused.
 *
 * @apiNote API of the artifact {@code wasix-host}.
 */
package org.wasix4j.policy;
