/** The derived table of the scores of `hybrid`. */
export const FUSED = 'corm_fused'
