using CloudPbx.Load.Sip;
using CloudPbx.Net.Sockets;

namespace CloudPbx.Load.Sockets;

/// <summary>A phone that answers every request with 200, on a blocking thread of its own.</summary>
internal sealed class UdpAnswerer : IDisposable
{
    private readonly BatchSocket _socket = new();
    private readonly Thread _thread;
    private volatile bool _stopping;

    public UdpAnswerer()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "answering phone" };
        _thread.Start();
    }

    public int Port => _socket.Port;

    public void Dispose()
    {
        _stopping = true;
        _socket.Interrupt();
        _thread.Join();
        _socket.Dispose();
    }

    private void Run()
    {
        while (!_stopping)
        {
            int count = _socket.Receive(wait: true);
            for (int i = 0; i < count; i++)
            {
                ReadOnlySpan<byte> message = _socket.Received(i, out UdpAddress from);
                if (message.Length < 20 || SipText.StatusOf(message) != 0 || SipText.IsMethod(message, "ACK"u8))
                    continue;
                _socket.Queue(Answers.Write(message, "200 OK"u8, default, default, _socket.Room()), from);
            }
            _socket.Flush();
        }
    }
}
