"""The functions Trino has and this engine refuses by name: a slip of the pen is another thing."""

_NAMES = """
all_match any_match approx_distinct approx_most_frequent approx_percentile approx_set
array_histogram bar beta_cdf bitwise_and_agg bitwise_or_agg bitwise_xor_agg cbrt checksum color
contains_sequence cosh cosine_distance cosine_similarity current_groups dot_product
empty_approx_set euclidean_distance every exclude_columns format_number from_ieee754_32
from_iso8601_timestamp_nanos from_unixtime_nanos geometric_mean hash_counts histogram
intersection_cardinality inverse_beta_cdf inverse_normal_cdf jaccard_index json_array
json_array_contains json_exists json_object json_query json_value kurtosis listagg make_set_digest
map_agg map_concat map_entries map_filter map_from_entries map_union map_zip_with merge
merge_set_digest multimap_agg multimap_from_entries murmur3 none_match normal_cdf
numeric_histogram parse_presto_data_size qdigest_agg quantile_at_value rand random reduce
reduce_agg regr_intercept regr_slope render rgb shuffle sinh skewness spooky_hash_v2_32
spooky_hash_v2_64 t_cdf t_pdf table_changes tanh tdigest_agg timezone to_ieee754_32 transform_keys
transform_values uuid value_at_quantile values_at_quantiles version wilson_interval_lower
wilson_interval_upper word_stem xxhash64 zip_with
"""
TRINO_FUNCTIONS = frozenset(_NAMES.split())
