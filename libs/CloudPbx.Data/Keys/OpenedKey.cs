namespace CloudPbx.Data.Keys;

/// <summary>A key of the platform's own, in clear. Never shows itself in a log.</summary>
/// <param name="Id">Its identifier.</param>
/// <param name="Clear">The key's octets; their meaning is the purpose's.</param>
/// <param name="CreatedAt">When it was made, UTC.</param>
public sealed record OpenedKey(Guid Id, byte[] Clear, DateTime CreatedAt)
{
    /// <summary>Gives no secret away.</summary>
    public override string ToString() => $"{Id:N} (secret)";
}
