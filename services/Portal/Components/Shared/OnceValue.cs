namespace CloudPbx.Portal.Components.Shared;

/// <summary>A value that is shown this once.</summary>
/// <param name="Name">Its name for tests.</param>
/// <param name="Label">What it is called.</param>
/// <param name="Value">The value.</param>
/// <param name="IsSecret">Whether it is hidden until somebody asks.</param>
public sealed record OnceValue(string Name, string Label, string Value, bool IsSecret = false)
{
    /// <summary>Does not tell the value.</summary>
    public override string ToString() => Name;
}
