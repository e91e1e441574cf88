namespace CloudPbx.Api.Audit;

/// <summary>Who does what a request without a token does: a feature of the request, which its handler sets.</summary>
/// <param name="Subject">Who, as the audit log names them.</param>
/// <param name="Name">The name to show.</param>
internal sealed record AuditActor(string Subject, string Name);
