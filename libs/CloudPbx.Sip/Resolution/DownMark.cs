namespace CloudPbx.Sip.Resolution;

/// <summary>What is known of a place that is down.</summary>
/// <param name="Until">When it is tried like any other again.</param>
/// <param name="Why">Why, in words; <see langword="null"/> where there is nothing worth telling.</param>
public sealed record DownMark(DateTimeOffset Until, string? Why);
