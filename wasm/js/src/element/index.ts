/**
 * `<carbon-card>`.
 *
 * @packageDocumentation
 */
export {};
