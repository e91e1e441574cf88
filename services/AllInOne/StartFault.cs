using System.Net.Sockets;
using CloudPbx.Hosting;
using Microsoft.AspNetCore.Connections;

namespace CloudPbx.AllInOne;

/// <summary>Turns a failed start into the sentence that the operator gets.</summary>
internal static class StartFault
{
    /// <summary>The sentence, or <see langword="null"/> when the fault is not the operator's.</summary>
    public static string? Sentence(Exception fault) => fault switch
    {
        StartException known => known.Message,
        IOException { InnerException: AddressInUseException } io => $"{io.Message} Choose another with --https-port.",
        SocketException { SocketErrorCode: SocketError.AddressNotAvailable } => "This machine does not have an address that it was told to listen on. Give one of its own to --bind and --management, or leave them out.",
        AggregateException { InnerExceptions: [var only] } => Sentence(only),
        _ => ServiceProgram.Sentence(fault),
    };
}
