//! What `nvidia-smi` prints for people.

/// Its table at a time (`14:00:07` of 12 June 2025), a board for each power, without the list of processes.
pub fn table(clock: &str, watts: &[u32]) -> String {
    let board = |(at, watts): (usize, &u32)| {
        format!(
            "|   {at}  NVIDIA H100 80GB HBM3 ...     Off  |   00000000:{:02X}:00.0 Off |                    0 |
| N/A   42C    P0            {watts}W /  700W |   61234MiB /  81559MiB |     98%      Default |
|                                         |                        |             Disabled |
+-----------------------------------------+------------------------+----------------------+
",
            16 + at
        )
    };
    format!(
        "Thu Jun 12 {clock} 2025       
+-----------------------------------------------------------------------------------------+
| NVIDIA-SMI 550.54.15              Driver Version: 550.54.15      CUDA Version: 12.4     |
|-----------------------------------------+------------------------+----------------------+
| GPU  Name                 Persistence-M | Bus-Id          Disp.A | Volatile Uncorr. ECC |
| Fan  Temp   Perf          Pwr:Usage/Cap |           Memory-Usage | GPU-Util  Compute M. |
|                                         |                        |               MIG M. |
|=========================================+========================+======================|
{}",
        watts.iter().enumerate().map(board).collect::<String>()
    )
}
