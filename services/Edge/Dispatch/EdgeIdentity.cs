using System.Security.Cryptography;
using CloudPbx.Sip.Authentication;
using CloudPbx.Sip.Proxying;

namespace CloudPbx.Edge.Dispatch;

/// <summary>Which edge this is. Another start is another edge: its connections are not those of before.</summary>
internal sealed class EdgeIdentity
{
    private volatile EdgeKey? _key;
    private volatile DigestNonces? _nonces;

    /// <summary>The edge's number, chosen at random at each start.</summary>
    public uint Id { get; } = BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4));

    /// <summary>The edges' shared key.</summary>
    /// <exception cref="InvalidOperationException">It is not loaded yet; nothing listens before it is.</exception>
    public EdgeKey Key => _key ?? throw new InvalidOperationException("The edges' key is not loaded yet.");

    /// <summary>Makes the nonces of challenges; workers read the same secret and know them for theirs.</summary>
    /// <exception cref="InvalidOperationException">The secret is not loaded yet.</exception>
    public DigestNonces Nonces => _nonces ?? throw new InvalidOperationException("The edges' key is not loaded yet.");

    /// <summary>Takes the edges' shared secret.</summary>
    /// <param name="secret"><see cref="EdgeKey.SecretLength"/> octets.</param>
    public void Use(ReadOnlySpan<byte> secret)
    {
        _nonces = new DigestNonces(secret);
        _key = new EdgeKey(secret);
    }
}
