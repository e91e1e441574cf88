namespace CloudPbx.CallControl;

/// <summary>What Server and User-Agent say of us: no version, since scanners read it (GNOME-CALLS.md, attackers).</summary>
internal static class ServerName
{
    public const string Value = "CloudPbx";
}
