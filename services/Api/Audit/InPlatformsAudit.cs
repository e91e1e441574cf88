namespace CloudPbx.Api.Audit;

/// <summary>Marks an endpoint that makes or deletes a tenant: its entry stands in the platform's log, too, and outlives the tenant.</summary>
internal sealed record InPlatformsAudit
{
    /// <summary>The mark.</summary>
    public static InPlatformsAudit Mark { get; } = new();
}
