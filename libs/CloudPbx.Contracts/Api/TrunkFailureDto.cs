namespace CloudPbx.Contracts.Api;

/// <summary>An attempt to register at a carrier, or to call by it, that failed.</summary>
/// <param name="At">When, UTC.</param>
/// <param name="Status">The carrier's status, or <see langword="null"/> where it said nothing.</param>
/// <param name="Reason">The carrier's own words; ours where it could not be reached.</param>
public sealed record TrunkFailureDto(DateTime At, int? Status, string Reason);
