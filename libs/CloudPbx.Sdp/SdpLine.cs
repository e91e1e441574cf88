namespace CloudPbx.Sdp;

/// <summary>A line that is kept but not interpreted, for example <c>b=AS:64</c> or <c>i=…</c>.</summary>
/// <param name="Type">The letter before the equals sign.</param>
/// <param name="Value">The text after the equals sign.</param>
public readonly record struct SdpLine(char Type, string Value)
{
    /// <summary>The line without its line end.</summary>
    public override string ToString() => $"{Type}={Value}";
}
