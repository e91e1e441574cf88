namespace CloudPbx.Net.Sockets;

/// <summary>What a <see cref="PacketLoop"/> stands on.</summary>
public enum PacketBackEnd
{
    /// <summary>io_uring where it is to be had, else epoll.</summary>
    Auto,

    /// <summary>epoll: runs everywhere.</summary>
    Epoll,

    /// <summary>io_uring, or nothing.</summary>
    IoUring,
}
