using System.Net;
using System.Net.Sockets;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Edge.Listeners;

/// <summary>The edge cannot listen where it was told to. The message is one sentence for the person who started it.</summary>
public sealed class EdgePortException : IOException
{
    /// <summary>Names the fault.</summary>
    public EdgePortException(string message) : base(message)
    {
    }

    /// <summary>Names the fault and its cause.</summary>
    public EdgePortException(string message, Exception? innerException) : base(message, innerException)
    {
    }

    /// <summary>Makes the sentence for a failed bind.</summary>
    internal static EdgePortException For(SipTransport transport, IPEndPoint local, SocketException cause) => new(
        cause.SocketErrorCode switch
        {
            SocketError.AddressAlreadyInUse => $"Another program listens on {Name(transport)} port {local.Port} of {local.Address} already; stop it or choose another port.",
            SocketError.AccessDenied => $"This user may not listen on {Name(transport)} port {local.Port}; choose a port above 1023 or give the program the right to.",
            SocketError.AddressNotAvailable => $"{local.Address} is no address of this machine, so the {Name(transport)} port {local.Port} cannot be opened on it.",
            _ => $"The {Name(transport)} port {local.Port} of {local.Address} cannot be opened: {cause.Message}.",
        }, cause);

    private static string Name(SipTransport transport) => transport switch { SipTransport.Udp => "UDP", SipTransport.Tls => "TLS", SipTransport.Wss => "WebSocket", _ => "TCP" };
}
