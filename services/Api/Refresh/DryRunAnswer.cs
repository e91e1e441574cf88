using CloudPbx.Grains;

namespace CloudPbx.Api.Refresh;

/// <summary>What a tenant's runtime said to a dry run.</summary>
/// <param name="Answer">What the call would do, or null where the runtime knows no such trunk.</param>
internal sealed record DryRunAnswer(RouteAnswer? Answer);
