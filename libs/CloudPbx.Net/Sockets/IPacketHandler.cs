namespace CloudPbx.Net.Sockets;

/// <summary>What a <see cref="PacketLoop"/> calls, always on its own thread.</summary>
public interface IPacketHandler
{
    /// <summary>A datagram came.</summary>
    /// <param name="tag">The number given at registration: which of the handler's sockets it came to.</param>
    /// <param name="buffer">The datagram, and at least <see cref="PacketLoop.Room"/> octets behind it. The handler's to change until it returns; but what it has sent from here, it changes no more.</param>
    /// <param name="length">Octets of the datagram.</param>
    /// <param name="from">The sender.</param>
    void Received(int tag, Span<byte> buffer, int length, in UdpAddress from);

    /// <summary>A datagram will be handed over in a moment: a chance to fetch what that needs into the cache (<see cref="Memory.CacheLines"/>), and for nothing else.</summary>
    /// <param name="tag">As for <see cref="Received"/>.</param>
    /// <param name="turns">How many others come before it, from <see cref="PacketLoop.Foresight"/> down to 1: what lies at the end of a chain of references is fetched step by step.</param>
    void Approaching(int tag, int turns)
    {
    }
}
