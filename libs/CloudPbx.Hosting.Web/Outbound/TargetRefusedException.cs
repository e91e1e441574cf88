namespace CloudPbx.Hosting.Web.Outbound;

/// <summary>A name leads inside a network by now.</summary>
public sealed class TargetRefusedException() : IOException("The host's address is inside a network: not connected.");
