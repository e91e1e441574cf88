namespace CloudPbx.Api.Audit;

/// <summary>Marks an endpoint whose readings the audit log has: who heard what was said, who read passwords (SECURITY.md S25).</summary>
internal sealed record AuditedReading
{
    /// <summary>The mark.</summary>
    public static AuditedReading Mark { get; } = new();
}
