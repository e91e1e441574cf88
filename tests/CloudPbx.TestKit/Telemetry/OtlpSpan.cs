namespace CloudPbx.TestKit.Telemetry;

/// <summary>A span as a collector receives it.</summary>
/// <param name="Service">The <c>service.name</c> of the process that it comes from.</param>
/// <param name="Scope">The activity source that it comes from.</param>
/// <param name="TraceId">32 hexadecimal digits.</param>
/// <param name="SpanId">16 hexadecimal digits.</param>
/// <param name="ParentId">16 hexadecimal digits; empty for a root.</param>
/// <param name="Name">What was done.</param>
public sealed record OtlpSpan(string Service, string Scope, string TraceId, string SpanId, string ParentId, string Name);
