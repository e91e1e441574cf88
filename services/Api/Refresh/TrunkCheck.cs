using CloudPbx.Grains;

namespace CloudPbx.Api.Refresh;

/// <summary>What the runtime said to a check of a trunk.</summary>
/// <param name="Answer">What was found; <see langword="null"/> where it knows no such trunk.</param>
internal sealed record TrunkCheck(TrunkCheckAnswer? Answer);
