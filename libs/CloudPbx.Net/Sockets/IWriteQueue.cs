namespace CloudPbx.Net.Sockets;

/// <summary>The way out to one connection: whole messages, taken without waiting, written in order.</summary>
/// <remarks>Implementations are thread-safe.</remarks>
public interface IWriteQueue
{
    /// <summary>Whether the queue takes messages still.</summary>
    bool IsOpen { get; }

    /// <summary>Octets that wait for the connection.</summary>
    int Waiting { get; }

    /// <summary>Queues one message.</summary>
    /// <param name="message">Copied.</param>
    /// <returns>False when the connection is gone or its peer reads too slowly; the message is then lost.</returns>
    bool TryWrite(ReadOnlySpan<byte> message);

    /// <summary>Refuses further messages and drops what waits.</summary>
    void Close();
}
