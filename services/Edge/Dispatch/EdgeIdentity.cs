using System.Security.Cryptography;
using CloudPbx.Sip.Proxying;

namespace CloudPbx.Edge.Dispatch;

/// <summary>Which edge this is. Another start is another edge: its connections are not those of before.</summary>
internal sealed class EdgeIdentity
{
    private volatile EdgeKey? _key;

    /// <summary>The edge's number, chosen at random at each start.</summary>
    public uint Id { get; } = BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4));

    /// <summary>The edges' shared key.</summary>
    /// <exception cref="InvalidOperationException">It is not loaded yet; nothing listens before it is.</exception>
    public EdgeKey Key
    {
        get => _key ?? throw new InvalidOperationException("The edges' key is not loaded yet.");
        set => _key = value;
    }
}
